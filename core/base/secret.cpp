#include "core/base/secret.hpp"

#include <openssl/crypto.h>

namespace pier {

Secret::~Secret() {
  OPENSSL_cleanse(value_.data(), value_.size());
}

} // namespace pier
