#pragma once

#include <string>
#include <string_view>

namespace pier {

// Raw digests; hex_encode them for text. Backed by OpenSSL.
std::string sha256(std::string_view bytes);
std::string md5(std::string_view bytes); ///< for names only, never for security
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Time does not depend on the content.
bool equal_constant_time(std::string_view a, std::string_view b);

std::string random_bytes(std::size_t count); ///< cryptographic
std::string random_uuid();                   ///< version 4, lower case

} // namespace pier
