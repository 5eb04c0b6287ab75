import { Dialog } from "../../ui/dialog.tsx";

export function Models({ open, close }: { open: boolean; close: () => void }) {
  return (
    <Dialog title="Models" open={open} close={close}>
      <p />
    </Dialog>
  );
}
