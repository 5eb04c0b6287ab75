// A model's files, wherever they are: at an address, in a folder, or in memory.

const inNode = typeof process !== "undefined" && process.versions?.node !== undefined;

/** `source`: a URL or a text, of a folder or an address; or bytes by a file's name. */
export function filesOf(source, signal) {
  if (!(source instanceof URL) && typeof source !== "string") return new InMemory(source);
  return inNode && !/^https?:/.test(String(source)) ? new InFolder(source) : new AtAddress(source, signal);
}

class InMemory {
  #files;

  constructor(files) {
    this.#files = new Map(files instanceof Map ? files : Object.entries(files));
  }

  async has(name) {
    return this.#files.has(name);
  }

  async whole(name) {
    const bytes = this.#files.get(name);
    if (bytes === undefined)
      throw new Error(`expected the bytes of ${name}, found ${[...this.#files.keys()].join(", ") || "none"}`);
    return bytes;
  }

  async *chunks(name) {
    yield await this.whole(name);
  }
}

class InFolder {
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  async #path(name) {
    const { fileURLToPath } = await import("node:url");
    const { join } = await import("node:path");
    const folder =
      this.#folder instanceof URL || this.#folder.startsWith("file:")
        ? fileURLToPath(this.#folder)
        : this.#folder;
    return join(folder, name);
  }

  async has(name) {
    const { access } = await import("node:fs/promises");
    return access(await this.#path(name)).then(
      () => true,
      () => false,
    );
  }

  async whole(name) {
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(await this.#path(name)));
  }

  async *chunks(name) {
    const { createReadStream } = await import("node:fs");
    yield* createReadStream(await this.#path(name), { highWaterMark: 4 << 20 });
  }
}

class AtAddress {
  #base;
  #signal;

  constructor(base, signal) {
    const whole = new URL(base, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (!whole.pathname.endsWith("/")) whole.pathname += "/";
    this.#base = whole;
    this.#signal = signal;
  }

  async #fetch(name, method = "GET") {
    return fetch(new URL(name, this.#base), { method, ...(this.#signal && { signal: this.#signal }) });
  }

  async has(name) {
    return (await this.#fetch(name, "HEAD")).ok;
  }

  async #found(name) {
    const response = await this.#fetch(name);
    if (!response.ok) throw new Error(`expected ${name} at ${this.#base}, found status ${response.status}`);
    return response;
  }

  async whole(name) {
    return new Uint8Array(await (await this.#found(name)).arrayBuffer());
  }

  async *chunks(name) {
    const reader = (await this.#found(name)).body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  }
}
