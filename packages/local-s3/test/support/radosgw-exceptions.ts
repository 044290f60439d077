/** What S3 does and Ceph's radosgw 16.2 does not: the checks' names, and why each is skipped there, and only there. */
export const radosgwExceptions: Readonly<Record<string, string>> = {};
