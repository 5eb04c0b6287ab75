// A line of words as running text, with the roles at the words that have one, and what is not as in another line.

import { type Line, rolesByPosition, tokenText } from "../../text/tokens.ts";

export function Marked({ line, unlike }: { line: Line; unlike?: Line }) {
  const roles = rolesByPosition(line.roles);
  return (
    <p class={unlike ? "marked flipped" : "marked"}>
      {line.tokens.map((token, at) => {
        const role = roles.get(at);
        const isOther = unlike !== undefined && token !== unlike.tokens[at];
        return (
          <span key={at}>
            {at > 0 && " "}
            {role === undefined ? (
              isOther ? (
                <b>{tokenText(token)}</b>
              ) : (
                tokenText(token)
              )
            ) : (
              <span class={`word ${role.toLowerCase()}`}>
                {tokenText(token)}
                <small>{role}</small>
              </span>
            )}
          </span>
        );
      })}
    </p>
  );
}
