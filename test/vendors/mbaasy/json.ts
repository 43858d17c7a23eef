/** A reply's body of which a test knows the shape; a wrong guess fails the test that made it. */
// eslint-disable-next-line typescript/no-explicit-any -- replies are looked into member by member
export type Json = any
