// What the model says after a token: the likeliest tokens, with their probabilities as bars.

import type { Prediction } from "../../../pkg/cpu/patchbay.js";
import { tokenText } from "../../text/tokens.ts";
import "./predictions.css";

interface PredictionsProps {
  /** The token after which it says so; null while nothing is known. */
  after: string | null;
  predictions: readonly Prediction[];
  /** Rows that there is room for, whatever there are. */
  room?: number;
  /** Said where nothing is known. */
  unknown?: string;
}

export function Predictions({ after, predictions, room = 3, unknown = "" }: PredictionsProps) {
  const rows = Array.from({ length: Math.max(room, predictions.length) }, (_, i) => predictions[i]);
  return (
    <div class="predictions">
      <p class="hint">{after === null ? unknown : `after “${tokenText(after)}” the model says`}</p>
      <ol>
        {rows.map((prediction, i) => (
          <li key={i}>
            {prediction !== undefined && (
              <>
                <span class="predicted">{tokenText(prediction.token)}</span>
                <span class="bar" style={{ "--share": prediction.probability.toFixed(3) }} />
                <span class="share">{shareText(prediction.probability)}</span>
              </>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

export function shareText(probability: number): string {
  const percent = 100 * probability;
  if (percent < 0.1) return "<0.1%";
  if (percent > 99.9) return ">99.9%";
  return `${percent.toFixed(percent < 10 || percent > 99 ? 1 : 0)}%`;
}
