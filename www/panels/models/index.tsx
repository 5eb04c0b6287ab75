// The models: one is chosen, and those that this browser keeps are listed.

import { useEffect } from "preact/hooks";
import { refreshStored, storedNews } from "../../store/models/stored.ts";
import { Dialog } from "../../ui/floating/dialog.tsx";
import { Choices } from "./choices.tsx";
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
  return (
    <div class="models">
      <Choices close={close} />
      <StoredModels close={close} />
    </div>
  );
}
