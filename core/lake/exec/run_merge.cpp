#include "core/base/text.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/exec/table_rewrite.hpp"

#include <algorithm>

namespace pier::lake {

Result<StatementResult> StatementRun::merge(const sql::Merge& /*statement*/) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "UNSUPPORTED_FEATURE",
               .message = "MERGE is not offered by the local workspace"};
}

} // namespace pier::lake
