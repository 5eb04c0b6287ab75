// The questions as tabs that are links: the arrow keys walk them, and on a narrow screen they are a menu.

import type { Panel } from "../store/panel.ts";
import { goTo, question } from "../store/session.ts";
import "./questions.css";

export function Questions({ panels }: { panels: readonly Panel[] }) {
  const walk = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -panels.length, End: panels.length }[event.key];
    const here = event.currentTarget;
    if (by === undefined || !(here instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    const links = [...(here.parentElement?.querySelectorAll("a") ?? [])];
    const place = links.indexOf(here);
    const next = links[Math.max(0, Math.min(links.length - 1, place + by))];
    next?.focus();
    next?.click();
  };
  return (
    <nav class="questions" aria-label="Questions">
      <div class="tabs">
        {panels.map(({ name, title }) => {
          const here = name === question.value;
          return (
            <a
              key={name}
              href={`#question=${name}`}
              aria-current={here ? "page" : undefined}
              tabIndex={here ? 0 : -1}
              onKeyDown={walk}
              onClick={(event) => {
                event.preventDefault();
                goTo(name);
              }}
            >
              {title}
            </a>
          );
        })}
      </div>
      <select
        class="menu"
        aria-label="Question"
        value={question.value}
        onChange={({ currentTarget }) => goTo(currentTarget.value)}
      >
        {panels.map(({ name, title }) => (
          <option value={name} selected={name === question.value}>
            {title}
          </option>
        ))}
      </select>
    </nav>
  );
}
