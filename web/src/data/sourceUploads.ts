/** Sending files of rows to the server, one request for all that were chosen, with measured progress. */
import { parseError, requestHeaders } from "@/api/client";
import { dataKeys, type SourceOut } from "@/api/data";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queryClient";

type Answer = components["schemas"]["SourceAnswer"];

export interface Sent {
  sources: SourceOut[];
  errors: { name: string; message: string; hint: string | null }[];
}

/** Send the files; `onProgress` hears the share that is sent. Raises ApiError when nothing was taken. */
export async function sendSources(files: readonly File[], onProgress: (share: number) => void): Promise<Sent> {
  const answer = await post(files, onProgress);
  await queryClient.invalidateQueries({ queryKey: dataKeys.sources, exact: true });
  return answer;
}

/** fetch cannot say how much was sent; XMLHttpRequest can. */
function post(files: readonly File[], onProgress: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", "/api/data/sources");
    for (const [name, value] of Object.entries(requestHeaders)) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) resolve(JSON.parse(call.responseText) as Answer);
      else reject(parseError(call.responseText, call.status));
    };
    call.onerror = () => reject(parseError(JSON.stringify({ error: { message: "The file was not sent: Headwater does not answer.", hint: "Check that the server runs, then try again." } }), 0));
    const form = new FormData();
    for (const file of files) form.append("file", file, file.name);
    call.send(form);
  });
}
