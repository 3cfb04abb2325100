#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/deploy/field_path.hpp"

#include <string>

namespace pier::deploy {

/// A field as the bundle names it. Bundles that once were deployed with Terraform may still use its names:
/// "task[0].library[0].whl" → "tasks[0].libraries[0].whl". `kind`: "jobs".
FieldPath in_bundle_words(const std::string& kind, const FieldPath& field);

/// The value of a field of a resource, null when it is not set. `[0]` of an object is the object (Terraform's blocks
/// are lists); permissions and grants are lists under their root. Error PIER2023 where the way ends.
Result<Json> value_at(const Json& root, const FieldPath& field);

/// "cannot set (*jobs.JobSettings).tasks[0]… to string …": a text where the kind wants a number.
Error no_number(const std::string& kind, const FieldPath& place, const std::string& reference, const std::string& text);

/// "schema mismatch: …": neither the configuration of the kind nor its answers have the field.
Error unknown_field(const std::string& kind, const FieldPath& field);

} // namespace pier::deploy
