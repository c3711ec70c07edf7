/** The list of keys. */
import { Check } from "@/kit/Field";
import { Dialog } from "@/kit/Dialog";
import { useStored, writeStored } from "@/kit/stored";
import { places } from "./navigation";
import { openOverlay } from "./overlays";

const shortcuts: readonly (readonly [string, string])[] = [
  ["Ctrl K", "Search and commands"],
  ...places.map((place) => [`g ${place.key}`, `Go to ${place.label}`] as const),
  ["n", "New chat"],
  ["/", "Search on this page"],
  ["Enter", "Send"],
  ["Shift Enter", "New line"],
  ["Esc", "Stop the answer, then close the side panel"],
  ["j  k", "Next and previous hit"],
  ["[  ]", "Previous and next page of a document"],
  ["?", "This list"],
];

export default function ShortcutList() {
  const on = useStored("shortcuts") !== "off";
  return (
    <Dialog open onClose={() => openOverlay(null)} title="Keyboard">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {shortcuts.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              {keys.split(" ").filter(Boolean).map((key) => (
                <kbd key={key} className="mr-1 inline-flex min-w-6 justify-center rounded border border-line-strong bg-panel px-1.5 font-sans text-[13px]">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{what}</dd>
          </div>
        ))}
      </dl>
      <Check
        className="mt-6 border-t pt-4"
        label="Use single-key shortcuts"
        checked={on}
        onChange={(event) => writeStored("shortcuts", event.target.checked ? null : "off")}
      />
    </Dialog>
  );
}
