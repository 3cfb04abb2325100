#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/workspace_client/config_file.hpp"
#include "core/workspace_client/connection.hpp"

#include <string>
#include <string_view>

namespace pier::workspace_client {

/// The settings of the SDKs by the names that they have in a profile: "host", "token", "client_id" …
using Attributes = ConfigFile::Attributes;

std::string value_of(const Attributes& attributes, std::string_view name); ///< empty if it is not there

/// Those that environment variables give.
Attributes environment_attributes(const Environment& env);

bool is_for_sign_in(std::string_view name); ///< "token", but not "host"

/// Whether something in it is for signing in, so that no profile is looked for.
bool names_sign_in(const Attributes& attributes);
/// Whether it is enough to sign in.
bool has_credential(const Attributes& attributes);

/// Checks that they say where to go and how to sign in, and in one way only. Errors PIER2004-2007.
Result<Connection> make_connection(const Attributes& attributes, std::string profile, const Environment& env);

std::string_view auth_kind_name(AuthKind kind); ///< "oauth-m2m"

} // namespace pier::workspace_client
