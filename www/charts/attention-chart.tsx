// Attention on the screen: what is pointed at shows its row and column, or its strips; a click or Enter keeps it, and the
// same again, or Esc, lets it go.

import { useMemo, useState } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { draw } from "./draw.ts";
import type { ExplorerProps } from "./explorer.ts";
import { type Figure, isChosen, type Places } from "./frame.ts";
import { innerAxes } from "./heat-map.tsx";
import { type Options, withOptions } from "./options.ts";

interface AttentionChartProps extends ExplorerProps {
  figure: Figure;
  options: Options;
  setOptions: (options: Options) => void;
  width: number;
}

export function AttentionChart({
  figure,
  options,
  setOptions,
  width,
  chosen,
  onChoose,
  ...props
}: AttentionChartProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const [queries] = innerAxes(figure.frame);
  const inStrips = options.view === "strips";
  const kept = options.kept ?? (inStrips ? chosen : undefined);
  const drawing = useMemo(() => {
    const query = pointed !== null && options.kept === undefined ? { [queries.name]: pointed } : kept;
    return draw(figure, withOptions(options, { kept: query }), width);
  }, [figure, options, width, pointed, kept]);
  const keep = (places: Places) => {
    const again = isChosen(places, options.kept);
    setOptions(withOptions(options, { kept: again ? undefined : places }));
    if (!again) onChoose?.(places);
  };
  return (
    <Chart
      {...props}
      drawing={drawing}
      chosen={kept}
      onChoose={keep}
      letGo={() => {
        setOptions(withOptions(options, { kept: undefined }));
        return options.kept !== undefined;
      }}
      still={!inStrips && options.kept !== undefined}
      onPoint={(place) =>
        inStrips && setPointed(place?.row === 0 ? place.column : place === null ? null : pointed)
      }
    />
  );
}
