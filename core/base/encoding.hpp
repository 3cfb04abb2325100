#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace pier {

std::string base64_encode(std::string_view bytes);
std::string base64url_encode(std::string_view bytes);     ///< without padding (RFC 4648 5)
Result<std::string> base64_decode(std::string_view text); ///< both alphabets, padding optional
std::string hex_encode(std::string_view bytes);
Result<std::string> hex_decode(std::string_view text);

/// Percent-encodes all but unreserved characters (RFC 3986 2.3); `/` is kept when keep_slash.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Error invalid_argument for a broken escape. plus_is_space for form and query values.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Valid UTF-8 without surrogates and overlong forms (RFC 3629).
bool is_valid_utf8(std::string_view text);

} // namespace pier
