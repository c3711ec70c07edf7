/** The mark of Headwater: the same drawing as the icon in index.html. */
export function Logo({ size }: { size: number }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" width={size} height={size} fill="none" strokeWidth="2.6" strokeLinecap="round">
      <rect width="32" height="32" rx="8" fill="#0b6477" />
      <path stroke="#fff" d="M7 11c3 0 3 2.5 6 2.5s3-2.5 6-2.5 3 2.5 6 2.5" />
      <path stroke="#fff" strokeOpacity=".75" d="M7 17c3 0 3 2.5 6 2.5s3-2.5 6-2.5 3 2.5 6 2.5" />
      <path stroke="#fff" strokeOpacity=".5" d="M13 23c2 0 2 1.5 4 1.5" />
    </svg>
  );
}
