// The models: one is chosen, those that this browser keeps are listed, and the one that answered is described.

import { useEffect } from "preact/hooks";
import { panel } from "../../store/run.ts";
import { refreshStored, storedNews } from "../../store/stored.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Choices } from "./choices.tsx";
import { Facts } from "./facts.tsx";
import "./models.css";
import { StoredModels } from "./stored.tsx";

interface ModelsProps {
  open: boolean;
  close: () => void;
}

export function Models({ open, close }: ModelsProps) {
  return (
    <Dialog title="Models" open={open} close={close}>
      <Contents close={close} />
    </Dialog>
  );
}

function Contents({ close }: { close: () => void }) {
  useEffect(() => {
    storedNews.value = "";
    void refreshStored();
  }, []);
  const answer = panel.value?.task?.answer.value ?? null;
  return (
    <div class="models">
      <Choices close={close} />
      <StoredModels close={close} />
      {answer !== null && <Facts answer={answer} />}
    </div>
  );
}
