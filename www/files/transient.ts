// What goes wrong with a download, and what to do about it.

/** Another try may help. */
export class Transient extends Error {
  /** What the server asked to wait, in ms. */
  readonly after: number | null;
  /** The server is there, but the browser does not let this page read its answer: it may not allow that, or fail. */
  readonly unreadable: boolean;

  constructor(why: string, { after = null, unreadable = false }: Partial<Transient> = {}) {
    super(why);
    this.after = after;
    this.unreadable = unreadable;
  }
}

/** The rest cannot be had on its own, or not so that its place is sure: all of the file has to come again. */
export class Unplaced extends Error {}

/** The file on the server is another one than that of which a part is there: the model has to come from its first byte. */
export class StartOver extends Error {}
