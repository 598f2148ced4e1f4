/** The part of ml-knn 3.0.0 that is used; the package brings no types. */
declare module 'ml-knn' {
  /** K nearest neighbours over a k-d tree. */
  export default class Knn {
    constructor(
      rows: readonly (readonly number[])[],
      labels: readonly number[],
      options: { readonly k: number }
    )
    predict(rows: readonly (readonly number[])[]): number[]
  }
}
