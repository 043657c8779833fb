const statusOf = {
  ValidationException: 400,
  AccessDeniedException: 403,
  NotFoundException: 404,
  ConflictException: 409,
  TooManyRequestsException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
} as const;

export type ErrorName = keyof typeof statusOf;

/** An error as S3 Vectors answers it. */
export class ServiceError extends Error {
  override readonly name: ErrorName;
  readonly status: number;

  constructor(name: ErrorName, message: string) {
    super(message);
    this.name = name;
    this.status = statusOf[name];
  }
}

/** @throws ServiceError `ValidationException` unless the condition holds */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ServiceError('ValidationException', message);
}
