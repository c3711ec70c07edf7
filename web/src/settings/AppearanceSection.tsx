/** Theme and keyboard. */
import { Check } from "@/kit/Field";
import { useStored, writeStored } from "@/kit/stored";
import { setTheme, useTheme, type Theme } from "@/shell/theme";

const themes: readonly { theme: Theme; label: string; hint: string }[] = [
  { theme: "system", label: "As the system", hint: "Follows light and dark of your computer." },
  { theme: "light", label: "Light", hint: "Dark words on light ground." },
  { theme: "dark", label: "Dark", hint: "Light words on dark ground." },
];

export function AppearanceSection() {
  const theme = useTheme();
  const shortcuts = useStored("shortcuts") !== "off";
  return (
    <div className="space-y-8">
      <fieldset>
        <legend className="mb-3 font-semibold">Theme</legend>
        <div className="grid gap-3 sm:grid-cols-3">
          {themes.map((choice) => (
            <label key={choice.theme} className="flex items-start gap-2.5 rounded-xl border bg-raised p-4 has-checked:border-accent has-checked:bg-accent-soft">
              <input type="radio" name="theme" className="mt-0.5 size-4 accent-(--accent)" checked={theme === choice.theme} onChange={() => setTheme(choice.theme)} />
              <span>
                <span className="block font-medium">{choice.label}</span>
                <span className="block text-[13px] text-muted">{choice.hint}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend className="mb-3 font-semibold">Keyboard</legend>
        <Check
          label={
            <>
              Use single-key shortcuts <span className="block text-[13px] text-muted">Press ? to see them. Ctrl K works always.</span>
            </>
          }
          checked={shortcuts}
          onChange={(event) => writeStored("shortcuts", event.target.checked ? null : "off")}
        />
      </fieldset>
    </div>
  );
}
