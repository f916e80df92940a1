import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Vitest begins with the largest files. The suites that all backends and deliverers run are in small files and take longest: they would begin last, and
 * one core would wait for them.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSuite = ({ moduleId }: TestSpecification) => moduleId.endsWith('conformance.test.ts');
    return [...sorted.filter(isSuite), ...sorted.filter((file) => !isSuite(file))];
  }
}
