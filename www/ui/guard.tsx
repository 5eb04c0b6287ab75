// What fails while it is drawn takes nothing else with it: the rest of the page stays, and the next answer is drawn again.

import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary, useRef } from "preact/hooks";

interface GuardProps {
  /** What is drawn; another one may go well. */
  of: unknown;
  children: ComponentChildren;
}

export function Guard({ of, children }: GuardProps) {
  const now = useRef(of);
  now.current = of;
  const failed = useRef<unknown>(null);
  const [error, reset] = useErrorBoundary((error) => {
    failed.current = now.current;
    console.error(error);
  });
  useEffect(() => {
    if (error !== undefined && failed.current !== of) reset();
  }, [of]);
  if (error === undefined) return <>{children}</>;
  return (
    <p class="message bad" role="alert">
      This could not be shown. If it is a run that another version of this page has kept, run it again.
    </p>
  );
}
