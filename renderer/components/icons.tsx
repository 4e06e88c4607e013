/** Line drawings of 20 units, in the colour of the text. Each is decoration: the text beside it says the same. */
type Props = { className?: string | undefined };

const drawing = (path: string) =>
  function Icon({ className }: Props) {
    return (
      <svg
        className={className}
        viewBox="0 0 20 20"
        width="1.15em"
        height="1.15em"
        aria-hidden="true"
        focusable="false"
      >
        <path d={path} fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    );
  };

export const TickIcon = drawing('M4 10.5l4 4 8-9');
export const CrossIcon = drawing('M5 5l10 10M15 5L5 15');
export const WarningIcon = drawing('M10 3L18 17H2zM10 8.5v3.5M10 14.5v.1');
export const ChevronIcon = drawing('M5 8l5 5 5-5');
export const MoonIcon = drawing('M16.5 12.3A7 7 0 1 1 8 3.4a5.6 5.6 0 0 0 8.5 8.9z');
export const ProjectorIcon = drawing('M2 4h16M3.5 4v9h13V4M10 13v2.5M6.5 17.5L10 15l3.5 2.5');
export const EyeShutIcon = drawing('M2.5 9c4 4.6 11 4.6 15 0M4.5 11l-1.5 2M10 12.6V15M15.5 11l1.5 2');
export const FolderIcon = drawing('M2.5 16V4.5h5l2 2h8V16z');
export const LockIcon = drawing('M4.5 9h11v8h-11zM7 9V6.2a3 3 0 0 1 6 0V9M10 12v2');
export const OpenLockIcon = drawing('M4.5 9h11v8h-11zM7 9V5.4a3 3 0 0 1 5.9-.8M10 12v2');
export const VoiceIcon = drawing('M3 8v4h3l4 3.5v-11L6 8zM13.2 7.2a4 4 0 0 1 0 5.6M15.6 4.8a7.4 7.4 0 0 1 0 10.4');
