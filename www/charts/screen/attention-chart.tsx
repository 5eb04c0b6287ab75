// Attention on the screen: what is pointed at shows its row and column, or its strips; a click or Enter keeps it, and the
// same again, or Esc, lets it go.

import { useMemo, useState } from "preact/hooks";
import { innerAxes, isChosen, type Places } from "../frame/frame.ts";
import { keptOf, keptText } from "../frame/kept.ts";
import { draw } from "../kinds/draw.tsx";
import { Chart, type FigureChartProps } from "./chart.tsx";

export function AttentionChart(props: FigureChartProps) {
  const { figure, options, setOptions, width, chosen, onChoose, ...others } = props;
  const [pointed, setPointed] = useState<Places | undefined>(undefined);
  const { frame } = figure;
  const [queries] = innerAxes(frame);
  const inStrips = options.view === "strips";
  const kept = keptOf(frame, options);
  const shown = inStrips ? keptText(frame, kept ?? pointed ?? chosen) : "";
  const drawing = useMemo(
    () => draw(figure, { ...options, kept: shown }, width),
    [figure, options, width, shown],
  );
  const keep = (places: Places | undefined) => setOptions({ kept: keptText(frame, places) });
  return (
    <Chart
      {...others}
      drawing={drawing}
      chosen={kept ?? chosen}
      onChoose={(places) => {
        if (isChosen(places, kept)) return keep(undefined);
        keep(places);
        onChoose?.(places);
      }}
      letGo={() => {
        if (kept === undefined) return false;
        keep(undefined);
        return true;
      }}
      still={!inStrips && kept !== undefined}
      onPoint={(place) => {
        // On the way from the queries to the strips another query's would not do.
        if (place === null) setPointed(undefined);
        else if (place.row === 0) setPointed({ [queries.name]: place.column });
      }}
    />
  );
}
