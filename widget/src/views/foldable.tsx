import { Component, type ComponentChildren } from "preact";

interface Props {
  children: (open: boolean, toggle: () => void) => ComponentChildren;
}

/** Remembers whether something is folded open; how it looks is its user's affair. */
export class Foldable extends Component<Props, { open: boolean }> {
  override state = { open: false };

  override render() {
    const { open } = this.state;
    return this.props.children(open, () => this.setState({ open: !open }));
  }
}
