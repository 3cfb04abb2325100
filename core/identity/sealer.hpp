#pragma once

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pier::identity {

/// Seals small texts with AES-256-GCM (NIST SP 800-38D) under a key that lives in a file of its own (0600), so that
/// a copy of the database alone tells nothing. The label is bound to the text: a sealed value moved to another
/// place does not open.
class Sealer {
 public:
  /// Reads the key, or makes one when the file is not there.
  static Result<Sealer> open(const std::filesystem::path& key_file);

  [[nodiscard]] Result<std::string> seal(std::string_view text, std::string_view label) const;
  /// Error PIER6001 when key, label or bytes are not those of the sealing.
  [[nodiscard]] Result<Secret> unseal(std::string_view sealed, std::string_view label) const;

 private:
  explicit Sealer(Secret key)
      : key_(std::move(key)) {}

  Secret key_;
};

} // namespace pier::identity
