/** A menu that has been opened once. */
import Check from "lucide-react/icons/check";
import { DropdownMenu as Radix } from "radix-ui";
import { cx } from "./cx";
import { useLayer } from "./layer";
import type { MenuEntry, MenuProps } from "./Menu";

export default function MenuBody({ trigger, entries, align = "start", side = "bottom" }: MenuProps) {
  return (
    <Radix.Root defaultOpen modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={useLayer()}>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="fade-in z-50 max-h-(--radix-dropdown-menu-content-available-height) max-w-[320px] min-w-[200px] overflow-y-auto rounded-lg border bg-raised p-1 shadow-[0_4px_24px_rgb(0_0_0/0.14)]"
        >
          {entries.map((entry, index) => (
            <Entry key={index} entry={entry} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const itemClass = "flex w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-50";

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case "line":
      return <Radix.Separator className="my-1 h-px bg-line" />;
    case "label":
      return <Radix.Label className="px-2.5 pt-1.5 pb-1 text-[13px] text-muted">{entry.label}</Radix.Label>;
    case "item":
      return (
        <Radix.Item className={cx(itemClass, entry.danger && "text-bad")} onSelect={entry.onSelect} disabled={entry.disabled}>
          {entry.icon && <entry.icon aria-hidden size={16} className={entry.danger ? undefined : "text-muted"} />}
          <Words label={entry.label} hint={entry.hint} />
        </Radix.Item>
      );
    case "check":
      return (
        <Radix.CheckboxItem
          className={itemClass}
          checked={entry.checked}
          onCheckedChange={entry.onChange}
          onSelect={(event) => entry.keepOpen && event.preventDefault()}
        >
          <span className="flex size-4 shrink-0 items-center justify-center rounded border border-line-strong">
            <Radix.ItemIndicator>
              <Check aria-hidden size={13} className="text-accent" />
            </Radix.ItemIndicator>
          </span>
          <Words label={entry.label} hint={entry.hint} />
        </Radix.CheckboxItem>
      );
  }
}

function Words({ label, hint }: { label: string; hint?: string }) {
  return (
    <>
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {hint && <span className="text-[13px] text-muted">{hint}</span>}
    </>
  );
}
