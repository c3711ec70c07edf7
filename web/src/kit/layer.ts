/** The element that menus and cards are drawn into: the open dialog, since nothing outside of it can be seen or reached, else the page. */
import { createContext, useContext } from "react";

export const Layer = createContext<HTMLElement | null>(null);
export const useLayer = () => useContext(Layer) ?? document.getElementById("main") ?? document.body;
