/** Every setting of the server: its value, and where that comes from. Read here, set by flag, environment or file. */
import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "@/api/account";
import type { SettingOut } from "@/api/types";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";

const sources: Record<SettingOut["source"], string> = { default: "default", file: "settings.toml", environment: "environment", flag: "flag" };

export function ServerSection() {
  const { data, error, refetch } = useQuery(settingsQuery);
  return (
    <div className="space-y-4">
      <p className="text-muted">
        A flag of “headwater serve” is stronger than the environment (HEADWATER_…), which is stronger than settings.toml in the data directory. Changes count after a restart.
      </p>
      {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={8} />}
      {data && (
        <dl className="divide-y rounded-xl border bg-raised">
          {data.map((setting) => (
            <div key={setting.name} className="px-4 py-3">
              <dt className="flex flex-wrap items-baseline gap-x-3">
                <code className="font-medium">{setting.name}</code>
                <span className="min-w-0 flex-1 break-all">{text(setting.value)}</span>
                <Badge tone={setting.source === "default" ? "neutral" : "accent"}>{sources[setting.source]}</Badge>
              </dt>
              <dd className="text-[13px] text-muted">
                {setting.description}
                {setting.source !== "default" && ` Default: ${text(setting.default)}.`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
