/** A threshold as a slider over the values it decides on. Off until it is switched on. */
import { useId } from "react";
import type { SliderOut } from "@/api/data";
import { Histogram } from "./Histogram";
import { numberText, percent } from "./words";

interface SliderProps {
  slider: SliderOut;
  label: string;
  hint: string;
  /** The value of the recipe: it moves before the server has answered. */
  value: number | null;
  optional: boolean;
  onChange: (value: number | null) => void;
}

export function Slider({ slider, label, hint, value, optional, onChange }: SliderProps) {
  const id = useId();
  const step = slider.whole ? 1 : Math.max(0.001, Number(((slider.high - slider.low) / 100).toPrecision(1)));
  const [low, high] = [Math.min(slider.low, value ?? slider.low), Math.max(slider.high, value ?? slider.high)];
  const isShare = !slider.whole && low >= 0 && high <= 1;
  const shown = value === null ? "off" : isShare ? percent(value) : numberText(value);
  const edge = slider.bound === "minimum" ? { minimum: value } : { maximum: value };
  return (
    <div className="space-y-1">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <output htmlFor={id} className="text-[13px] text-muted">
          {shown}
        </output>
      </div>
      <Histogram edges={slider.edges} counts={slider.counts} label={`How the rows lie by ${slider.statistic.replaceAll("_", " ")}`} height={40} {...edge} />
      <div className="flex items-center gap-2">
        <input
          id={id}
          type="range"
          min={low}
          max={high}
          step={step}
          value={value ?? (slider.bound === "minimum" ? low : high)}
          aria-valuetext={shown}
          aria-describedby={`${id}-hint`}
          data-option={`${slider.step}.${slider.option}`}
          className="h-6 w-full accent-(--accent)"
          onChange={(event) => onChange(Number(event.target.value))}
        />
        {optional && value !== null && (
          <button type="button" className="min-h-6 shrink-0 text-[13px] text-accent hover:underline" onClick={() => onChange(null)}>
            Off
          </button>
        )}
      </div>
      <p id={`${id}-hint`} className="text-[13px] text-muted">
        {hint}
      </p>
    </div>
  );
}
