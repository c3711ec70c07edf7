/** The files of a drop, those inside dropped folders included. */

/** Read every file of a drop. Must be called inside the drop event: the browser empties it afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => (item.kind === "file" ? [item.webkitGetAsEntry()] : []));
  const plain = [...transfer.files];
  if (entries.every((entry) => !entry?.isDirectory)) return plain;
  const lists = await Promise.all(entries.map((entry) => (entry ? filesOf(entry, "") : [])));
  return lists.flat();
}

async function filesOf(entry: FileSystemEntry, folder: string): Promise<File[]> {
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  if (entry.name.startsWith(".")) return []; // .DS_Store and its like are nobody's documents
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    // The path is kept the way a folder picker gives it.
    Object.defineProperty(file, "webkitRelativePath", { value: folder ? path : "" });
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives at most a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    children.push(...some);
  }
  return (await Promise.all(children.map((child) => filesOf(child, path)))).flat();
}
