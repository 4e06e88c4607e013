/**
 * Signatures over the empty message that are right, and one agreed secret: the first valid test of each Wycheproof file
 * (https://github.com/C2SP/wycheproof, Apache-2.0). Base64: the public key as SubjectPublicKeyInfo, the signature as
 * X.509 has it.
 */
export const SIGNATURES = [
  {
    name: 'ECDSA P-256',
    hash: 'sha256',
    publicKey:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBKrsc2NXJvIT+4qeZNo7hjLkFJWpRNAEW1IuunJA+tWH2TFXmKqjpboBd1eHztBeqve04J/IHW0apUboNl1SXQ==',
    signature: 'MEUCIQCykqYZM59uVnowXJUcDcvMQtFuR/IZ+emOduCdh3CzSgIgAXfmBJLFqCQvdvB7/jZhveWewqF85b0tqyq+vfiaYuI=',
  },
  {
    name: 'ECDSA P-384',
    hash: 'sha384',
    publicKey:
      'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEKb23bV+nQb/XAjPLOmbMfUS+s7BmPZKoE2ZQR4vO+2HvGC4VWlQ0Wl6OXojwZOW8mlJat/dk2tPa4UaMK0GfO2K5upF9XoxPsexHQEo/x2R0snEwgb6dtMAOBDran8Sj',
    signature:
      'MGQCMDJAEklxTpCR8FpeEJ1cEhb9wF6YYUJhqg29npzUQV3uKSOK+9OxA8HkDuXJFEruDwIwQyZ1b7LE/XJjYN1kebWElHjHqdBUqDOljBYxwztjw0QTNt3yx/4O0Smq5tTd/rdT',
  },
  {
    name: 'RSA PKCS#1 v1.5',
    hash: 'sha256',
    publicKey:
      'MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAlWNT7LdWGUXcVUTkYCRmB4yT8oUHcB/9OeKpgTyKyHQOatYclV1ITlE7Pc6lJ+ABoBjuLCB8GAapZ2MoAjbNPIIN/3mDfJtwnLS1ItPdvJGSJCJZxDvnXqJE03zPqKTHUCSiz3zHboQuppzHyhInQFsHAEc4elBo5JduS47V+arde02wJPu4172KBA2PZhDBxusdS2Bt/RgiNdA2CIAwTVp1BgOvDEJLjI5tvBLDaX0tYJyXVH53Ti42LqltFpDclDIRLFNSWLPbLEwyrVENbAetB4g1eIOGnvuLYpKYckhHklz0KzQ4a+cA8CkD21hSJ2vuI3CUHzl73DkF4wlkoLXnNgJwM0CWDD7WB4JjthHxl5Vf7M5LmjLkPNHS5eh8TOtl7ciFOn7jHSjhblrf+4rHt2D7/GPV8XT00JNkYduxLJZKa21s7nUuX8oatKn9I43T6IYKHXY9IBn557me12ZtTgOHEPkOAJO8VmmH1sAJL1cTducFs0LQZsVObiV4knuSwfCSjeROmm4fSbkHxqpPYF7Jw5jVXfgcZzc7A8yBEBYvtBf5b9MhBIZH38uzkkVRFc2RLqgzUYU+ahhShGSIQq3L0l5nF0o7k7imTOLOneDoV3uLZizjLiVleCZl3Tjlu1/MT+EuQyDat3c7VFoJxtOdnbrUWfIfPmJO5u0CAwEAAQ==',
    signature:
      'NoEFGV8NyCws036O3G3cDJg9wT3c9vnbmiS1KSHlKAMZobz3l/d0Bm1kPlyZuBHwrZ3yo/Qw9ISKA925fgbapNAd3VC/K2OJNc0msZ1v/MuohKTny6NYMMbMXMzji8D8xOpCE0fiQXEaVRxnkjs9qvLpxRY11BbMI5OppPEI+E8mmQwR26rOp1453GCCtTnNLAyN2mx4y60S4Uo1K53VySo3AthTj8zg6S4mSJ6oPXXBdKtnEhD7xsOXviFnhktRm1E20jpDY+93PrwUDh2ksKeI17HxWjADde5CsnJhZ1/fxgwpurcCLcLmJMfR8x4nisCJxYgOcBvsQfY8j4l8DOzF7/CoAdvFjX1N9uhgwg5h8x2astUOj77HRxBw2O0GxMnHJctjr94MxEddPct9ytfqvYdN33KUzZ0qZrE7Y2ehTf44J9oMbIuec03uzoD9eWCc5c4KFt5mEP0EoJsLJBG64rwyIqtMAoZ4ONDINGxgWJ5iBLIm77QBhB+5XaBf8ymJ75NUJblD0bXS+K9RE0kaNsYKmMkLZFMUT1/gCg3z3o0C8PWce5Tdx8iJWx3/jYj2mpos+7Ve2gg3gAlQYB/J4jClUUyWdPtXbfg5HFG6D+vCnCZ0Yu1TNzJrb0DSQ619gUWeyrvQASayFC5roQ2fkDqZGNIoDGPuhLRwYuE=',
  },
] as const;

/** ecdh_secp384r1, test 1. Hex. */
export const AGREED = {
  publicKey:
    'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEeQpuBZ75pZQBYxg9SngJE10peRZD/EOi8X7ov2d6uE95G2SmvhWWn/oBLdkYXYeW2blUuqinXoLfcRs7Vurf9rD2aMOya0sa6zCKH8wcaA0ymmcFAl8cmKC15b/LFjyq',
  privateScalar: '766e61425b2da9f846c09fc3564b93a6f8603b7392c785165bf20da948c49fd1fb1dee4edd64356b9f21c588b75dfd81',
  secret: '6461defb95d996b24296f5a1832b34db05ed031114fbe7d98d098f93859866e4de1e229da71fef0c77fe49b249190135',
} as const;

/** The sample set of docs/formats/share.md: three plain shares (y, then x) and the secret that they give. Hex. Public. */
export const SHARES = {
  plain: [
    'e46fa513a3980188a5c7d95e01d287a0dd4e316e3831f616a0d2eb922633626c54',
    '8d9c6adeb3fd5e7d8f0a3ed7c55a1455f4903d4447319ed7837924b92b1d0fc526',
    '901710fff74055d9e78aaea3ca636ece73f04dda3a5be7a160ed09271df154ac84',
  ],
  secret: '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da',
  text: 'CLV1QY64GQPUP5Q8JP7P4HMSECRVSFQPEQNTF6V9Q52XXQGWP7MAUEUQ2XDG4G9TC988SNHJ0GRYX4EMHRS55S7Z0RSRVGXRPWQ5F2R5HMLTJC7TYMVRDXZE883J4ACPARN8M9ZWCRMJG4XQDLHWNCF0LX3',
} as const;
