/** Grey bars in the place of what is being loaded, of the same height, so that nothing moves. */
export function Skeleton({ rows, className }: { rows: number; className: string }) {
  return (
    <div role="status" aria-label="Loading" className="space-y-3 p-3">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`pulse-soft rounded-lg bg-raised ${className}`} />
      ))}
    </div>
  );
}
