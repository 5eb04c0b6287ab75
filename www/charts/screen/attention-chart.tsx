// Attention on the screen: what is pointed at shows its row and column, or its strips; a click or Enter keeps it, and the
// same again, or Esc, lets it go.

import { useMemo, useState } from "preact/hooks";
import { innerAxes, isChosen, type Places } from "../frame/frame.ts";
import { withOptions } from "../frame/options.ts";
import { draw } from "../kinds/draw.tsx";
import { Chart, type FigureChartProps } from "./chart.tsx";

export function AttentionChart(props: FigureChartProps) {
  const { figure, options, setOptions, width, chosen, onChoose, ...others } = props;
  const [pointed, setPointed] = useState<Places | undefined>(undefined);
  const [queries] = innerAxes(figure.frame);
  const inStrips = options.view === "strips";
  const kept = options.kept ?? chosen;
  const shown = inStrips ? (options.kept ?? pointed ?? chosen) : undefined;
  const drawing = useMemo(
    () => draw(figure, withOptions(options, { kept: shown }), width),
    [figure, options, width, shown],
  );
  const keep = (places: Places | undefined) => setOptions(withOptions(options, { kept: places }));
  return (
    <Chart
      {...others}
      drawing={drawing}
      chosen={kept}
      onChoose={(places) => {
        if (isChosen(places, options.kept)) return keep(undefined);
        keep(places);
        onChoose?.(places);
      }}
      letGo={() => {
        if (options.kept === undefined) return false;
        keep(undefined);
        return true;
      }}
      still={!inStrips && options.kept !== undefined}
      onPoint={(place) => {
        // On the way from the queries to the strips another query's would not do.
        if (place === null) setPointed(undefined);
        else if (place.row === 0) setPointed({ [queries.name]: place.column });
      }}
    />
  );
}
