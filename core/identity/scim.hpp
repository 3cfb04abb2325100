#pragma once

#include "core/base/json.hpp"
#include "core/identity/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::identity {

/// A record as a SCIM document (RFC 7643, facts: workspace-api 1.2, 3.10): User, Group or ServicePrincipal.
Json to_scim(const PrincipalRecord& record);

/// What one page of a list asks for.
struct ScimListRequest {
  std::string filter;
  std::string attributes;          ///< comma list; empty: all
  std::string excluded_attributes; ///< comma list
  std::string sort_by;
  bool descending = false;
  std::int64_t start_index = 1; ///< from 1
  std::int64_t count = 100;
};

/// The ListResponse of those that match. Error invalid_argument for a filter that cannot be read.
Result<Json> scim_list(const std::vector<PrincipalRecord>& records, const ScimListRequest& request);

/// Only the asked-for attributes; id and schemas always stay.
void project_attributes(Json& resource, std::string_view attributes, std::string_view excluded_attributes);

/// How a document differs from a record.
struct ScimChange {
  PrincipalUpdate update;
  std::vector<std::int64_t> add_members;
  std::vector<std::int64_t> remove_members;
};

/// From the whole document of a POST or PUT. Error invalid_argument (scimType invalidValue, mutability).
Result<ScimChange> change_to(const PrincipalRecord& record, const Json& document);

/// The document after the Operations of a PatchOp (RFC 7644 3.5.2): add, remove, replace; paths `a`, `a.b`,
/// `a[filter]`.
Result<Json> apply_patch(Json document, const Json& patch);

/// The SCIM error body of an error.
Json scim_error(const Error& error, int status);

} // namespace pier::identity
