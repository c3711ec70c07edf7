/** Join class names, leaving out what is falsy. */
export { clsx as cx } from "clsx";
