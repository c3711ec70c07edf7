/** The nouns of the HTTP API, under the names the pages use. Their shapes come from the server. */
import type { components } from "./schema";

type Schemas = components["schemas"];
export type ErrorBody = Schemas["ErrorBody"];
export type Status = Schemas["Status"];
export type UserOut = Schemas["UserOut"];
export type KeyOut = Schemas["KeyOut"];
export type SettingOut = Schemas["SettingOut"];
export type CollectionOut = Schemas["CollectionOut"];
export type DocumentOut = Schemas["DocumentOut"];
export type UploadAnswer = Schemas["UploadAnswer"];
export type PageListing = Schemas["PageListing"];
export type PageOut = Schemas["PageOut"];
export type BoxOut = Schemas["BoxOut"];
export type HitOut = Schemas["HitOut"];
export type CitationOut = Schemas["CitationOut"];
export type MessageOut = Schemas["MessageOut"];
export type AnswerMode = NonNullable<MessageOut["mode"]>;
export type ConversationOut = Schemas["ConversationOut"];
export type ConversationDetail = Schemas["ConversationDetail"];
export type ModelOut = Schemas["ModelOut"];
export type JobOut = Schemas["JobOut"];
