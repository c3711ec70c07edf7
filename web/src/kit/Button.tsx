/** Buttons: one primary action a view, the rest plain or ghost. */
import type { LucideIcon } from "lucide-react";
import type { ComponentPropsWithRef } from "react";
import { cx } from "./cx";

type Variant = "primary" | "plain" | "ghost" | "danger";

const looks: Record<Variant, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong border-transparent",
  plain: "bg-raised text-fg border-line hover:bg-hover",
  ghost: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-fg",
  danger: "bg-bad text-bg border-transparent hover:opacity-90",
};

/** The classes of a button, for links that look like one. */
export function buttonClass(variant: Variant = "plain", small = false): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-lg border font-medium whitespace-nowrap transition-colors duration-100",
    "disabled:cursor-not-allowed disabled:opacity-50",
    small ? "h-7 px-2.5 text-[13px]" : "h-9 px-3.5",
    looks[variant],
  );
}

interface ButtonProps extends ComponentPropsWithRef<"button"> {
  variant?: Variant;
  small?: boolean;
  icon?: LucideIcon;
}

export function Button({ variant = "plain", small = false, icon: Icon, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={cx(buttonClass(variant, small), className)} {...rest}>
      {Icon && <Icon aria-hidden size={small ? 14 : 16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentPropsWithRef<"button"> {
  label: string;
  icon: LucideIcon;
  size?: number;
}

/** A button that is only an icon: its label is read aloud and shown on hover. */
export function IconButton({ label, icon: Icon, size = 16, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cx("icon-button", className)}
      {...rest}
    >
      <Icon aria-hidden size={size} />
    </button>
  );
}
