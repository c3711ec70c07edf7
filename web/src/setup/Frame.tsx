/** The page around sign-in and set-up. */
import type { ReactNode } from "react";
import { cx } from "@/kit/cx";
import { Logo } from "@/kit/Logo";

export function Frame({ title, subtitle, wide = false, children }: { title: string; subtitle: string; wide?: boolean; children: ReactNode }) {
  return (
    <main className="h-full overflow-y-auto">
      <div className={cx("mx-auto flex min-h-full flex-col justify-center px-5 py-12", wide ? "max-w-xl" : "max-w-sm")}>
        <Logo size={48} />
        <h1 className="mt-5 text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 mb-8 text-muted">{subtitle}</p>
        {children}
      </div>
    </main>
  );
}
