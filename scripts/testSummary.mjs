// A reporter for Node's test runner: what failed, and one line of totals at the end.
export default async function* summary(source) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { data } = event;
    if (data.details?.type === 'suite') continue;
    if (data.skip !== undefined && data.skip !== false) skipped++;
    else if (event.type === 'test:pass') passed++;
    else {
      failed++;
      yield `\nnot ok: ${data.name} (${data.file ?? ''}:${data.line ?? ''})\n${data.details?.error?.cause?.stack ?? data.details?.error?.message ?? ''}\n`;
    }
  }
  yield `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
