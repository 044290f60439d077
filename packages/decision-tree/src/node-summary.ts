/** What a node's labels come to under a criterion. */
export interface NodeSummary {
  /** Number of training rows. */
  size: number;
  /** Mean or median. */
  value: number;
  /** Sum of squared, or absolute, errors from `value`; exactly 0 where all labels are equal. */
  error: number;
}
