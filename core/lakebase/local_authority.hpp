#pragma once

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pier::lakebase {

/// A certificate with its private key, both PEM.
struct Certificate {
  std::string certificate; ///< with the authority's behind it
  Secret key;
};

/// The workspace's own certificate authority (EC P-256, X.509 v3, 10 years) in `<folder>/ca.pem` and
/// `ca-key.pem` (0600), made at first use. Clients that verify are given ca.pem.
class LocalAuthority {
 public:
  static Result<LocalAuthority> open(const std::filesystem::path& folder);

  LocalAuthority(LocalAuthority&&) noexcept;
  LocalAuthority& operator=(LocalAuthority&&) noexcept;
  ~LocalAuthority();

  /// A server certificate (397 days) for DNS names and IP addresses; not kept anywhere.
  [[nodiscard]] Result<Certificate> issue(const std::vector<std::string>& names) const;

 private:
  struct Impl;
  explicit LocalAuthority(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace pier::lakebase
