/** The way between places: a narrow rail of icons with their words, or rows in a sheet on a small screen. */
import { Link } from "@tanstack/react-router";
import { cx } from "@/kit/cx";
import { Logo } from "@/kit/Logo";
import { groups, type Place } from "./navigation";
import { UserMenu } from "./UserMenu";

export function Rail() {
  return (
    <nav aria-label="Main" className="flex h-dvh w-20 flex-col items-center border-r bg-panel py-3">
      <Link to="/chat" aria-label="Headwater, to the chat" className="mb-3 rounded-lg p-1">
        <Logo size={32} />
      </Link>
      {groups.map((group, index) => (
        <ul key={group.name} aria-label={group.name} className={cx("flex w-full flex-col items-center gap-1 py-2", index > 0 && "border-t")}>
          {group.places.map((place) => (
            <li key={place.to}>
              <RailLink place={place} />
            </li>
          ))}
        </ul>
      ))}
      <div className="mt-auto">
        <UserMenu />
      </div>
    </nav>
  );
}

function RailLink({ place }: { place: Place }) {
  return (
    <Link
      to={place.to}
      className="flex w-[68px] flex-col items-center gap-1 rounded-lg py-2 text-[12px] font-medium"
      activeProps={{ className: "bg-accent-soft text-accent", "aria-current": "page" }}
      inactiveProps={{ className: "text-muted hover:bg-hover hover:text-fg" }}
    >
      <place.icon aria-hidden size={20} strokeWidth={1.75} />
      {place.label}
    </Link>
  );
}

/** The same places as rows. */
export function NavigationRows({ onGo }: { onGo: () => void }) {
  return (
    <nav aria-label="Main" className="border-b p-3">
      {groups.map((group) => (
        <ul key={group.name} aria-label={group.name}>
          {group.places.map((place) => (
            <li key={place.to}>
              <Link
                to={place.to}
                onClick={onGo}
                className="flex h-10 items-center gap-3 rounded-lg px-3 font-medium"
                activeProps={{ className: "bg-accent-soft text-accent", "aria-current": "page" }}
                inactiveProps={{ className: "text-muted hover:bg-hover hover:text-fg" }}
              >
                <place.icon aria-hidden size={18} strokeWidth={1.75} />
                {place.label}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}
