/** Set-up, sign-in, users, keys and settings. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./call";
import { keys } from "./queryClient";
import type { components } from "./schema";

type Schemas = components["schemas"];

export const statusQuery = queryOptions({ queryKey: keys.status, queryFn: ({ signal }) => call("get", "/api/status", { signal }), staleTime: 60_000 });
export const usersQuery = queryOptions({ queryKey: keys.users, queryFn: ({ signal }) => call("get", "/api/users", { signal }) });
export const apiKeysQuery = queryOptions({ queryKey: keys.apiKeys, queryFn: ({ signal }) => call("get", "/api/keys", { signal }) });
export const settingsQuery = queryOptions({ queryKey: keys.settings, queryFn: ({ signal }) => call("get", "/api/settings", { signal }) });

export const setUp = (body: Schemas["SetUp"]) => call("post", "/api/setup", { body });
export const signIn = (body: Schemas["SignIn"]) => call("post", "/api/login", { body });
export const signOut = () => call("post", "/api/logout", {});
export const acceptDisclaimer = () => call("post", "/api/disclaimer/accept", {});
export const changePassword = (body: Schemas["NewPassword"]) => call("post", "/api/password", { body });

export const createUser = (body: Schemas["NewUser"]) => call("post", "/api/users", { body });
export const changeUser = (user_id: string, body: Schemas["UserChange"]) => call("patch", "/api/users/{user_id}", { path: { user_id }, body });
export const deleteUser = (user_id: string) => call("delete", "/api/users/{user_id}", { path: { user_id } });

export const createKey = (name: string) => call("post", "/api/keys", { body: { name } });
export const revokeKey = (key_id: string) => call("delete", "/api/keys/{key_id}", { path: { key_id } });
