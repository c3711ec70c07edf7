/** Lines over steps, drawn by uPlot; the same numbers can be read as a table. */
import { useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { aligned, type Line } from "./lines";
import { figure } from "./words";

export type { Line } from "./lines";

interface ChartProps {
  title: string;
  lines: readonly Line[];
  /** Charts with the same key share their cursor. */
  sync: string;
  empty?: string;
  height?: number;
}

const COLOURS = ["--accent", "--warn", "--good", "--bad", "--muted", "--accent-strong"];
const DASHES: (number[] | undefined)[] = [undefined, [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [12, 4]];

export function Chart({ title, lines, sync, empty = "Nothing yet", height = 170 }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [theme, setTheme] = useState(0);
  const shape = lines.map((line) => `${line.label}${line.dots}`).join("|");
  const filled = lines.some((line) => line.points.length > 0);
  const latest = useRef(lines);
  latest.current = lines;

  useEffect(() => {
    const watch = new MutationObserver(() => setTheme((value) => value + 1));
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element || !filled) return;
    const made = new uPlot(optionsFor(latest.current, element.clientWidth, height, sync), aligned(latest.current), element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, filled, theme, height, sync]);

  useEffect(() => plot.current?.setData(aligned(lines)), [lines]);

  return (
    <figure className="min-w-0 rounded-xl border bg-raised px-4 pt-3 pb-2">
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium">{title}</span>
        {lines.length > 1 ? <Legend lines={lines} /> : <span className="text-[13px] text-muted">{lastOf(lines[0])}</span>}
      </figcaption>
      {filled ? (
        <div role="img" aria-label={`${title}: ${lines.map((line) => `${line.label} ${lastOf(line) || "nothing yet"}`).join(", ")}`}>
          <div ref={box} style={{ height }} />
        </div>
      ) : (
        <p className="flex items-center justify-center text-muted" style={{ height }}>
          {empty}
        </p>
      )}
      {filled && <Table title={title} lines={lines} />}
    </figure>
  );
}

const lastOf = (line: Line | undefined) => {
  const last = line?.points.at(-1);
  return last ? figure(last[1]) : "";
};

function Legend({ lines }: { lines: readonly Line[] }) {
  return (
    <span className="flex flex-wrap gap-x-3 text-[13px] text-muted">
      {lines.map((line, index) => (
        <span key={line.label} className="inline-flex items-center gap-1.5">
          <svg aria-hidden width="18" height="8">
            <line x1="0" y1="4" x2="18" y2="4" stroke={`var(${colour(index)})`} strokeWidth="2" strokeDasharray={DASHES[index % DASHES.length]?.join(" ")} />
          </svg>
          {line.label} <span className="text-fg">{lastOf(line)}</span>
        </span>
      ))}
    </span>
  );
}

const TABLE_ROWS = 200;
function Table({ title, lines }: { title: string; lines: readonly Line[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const steps = open ? [...new Set(lines.flatMap((line) => line.points.map(([step]) => step)))].sort((a, b) => b - a).slice(0, TABLE_ROWS) : [];
  return (
    <>
      <button type="button" className="text-[13px] text-accent hover:underline" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? "Hide the table" : "Show as table"}
      </button>
      <div id={id} hidden={!open} className="mt-2 max-h-48 overflow-auto rounded-lg border" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
        <table className="w-full text-[13px]">
          <thead>
            <tr className="border-b bg-panel text-left">
              <th className="px-3 py-1 font-medium">Step</th>
              {lines.map((line) => (
                <th key={line.label} className="px-3 py-1 text-right font-medium">
                  {line.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step} className="border-b last:border-0">
                <td className="px-3 py-1 text-muted">{step}</td>
                {lines.map((line) => {
                  const point = line.points.find(([at]) => at === step);
                  return (
                    <td key={line.label} className="px-3 py-1 text-right">
                      {point ? figure(point[1]) : ""}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const colour = (index: number) => COLOURS[index % COLOURS.length] ?? "--accent";
const named = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsFor(lines: readonly Line[], width: number, height: number, sync: string): uPlot.Options {
  const axis = { stroke: named("--muted"), grid: { stroke: named("--line"), width: 1 }, ticks: { stroke: named("--line"), width: 1 }, font: "12px system-ui" };
  return {
    width,
    height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: sync }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [{ ...axis, size: 28 }, { ...axis, size: 66, values: (_, ticks) => ticks.map((tick) => figure(tick)) }],
    series: [
      {},
      ...lines.map((line, index) => ({
        label: line.label,
        stroke: named(colour(index)),
        width: 1.75,
        dash: DASHES[index % DASHES.length],
        spanGaps: true,
        points: { show: line.dots === true || line.points.length === 1, size: 6, fill: named(colour(index)) },
      })),
    ],
  };
}
