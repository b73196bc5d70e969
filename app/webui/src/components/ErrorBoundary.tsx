import { Component, type ReactNode } from "react";

type State = { failed: boolean };

/** Shows what can be done when the page itself fails, instead of nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="mx-auto max-w-lg space-y-4 p-8">
        <h1 className="text-lg font-semibold">This page has a mistake</h1>
        <p className="text-muted">The fleets go on without it, and nothing that was sent is lost.</p>
        <button type="button" className="control" onClick={() => this.setState({ failed: false })}>
          Show it again
        </button>
      </main>
    );
  }
}
