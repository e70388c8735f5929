/** A person's initials on their colour. The name is said beside it, or in a title. */
export function PersonBadge({ initials, color }: { initials: string; color: number }) {
  return <span class={`person person-${color}`} aria-hidden='true'>{initials}</span>;
}
