/* The gallery's pictures and the tests tell about the same plans. */
export * from '../../../lab/page/gallery/fixtures/pipelines.ts';
