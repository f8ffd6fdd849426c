// SPDX-License-Identifier: CC0-1.0
pragma solidity 0.8.37;

import {IERC7007} from "./IERC7007.sol";

/// @title ERC-7007, optional enumeration extension
/// @dev The ERC-165 identifier is 0xfa1a557a.
interface IERC7007Enumerable is IERC7007 {
    /// @notice The token identifier that belongs to `prompt`, minted or not.
    function tokenId(bytes calldata prompt) external view returns (uint256);

    /// @notice The prompt of a minted token, as text.
    function prompt(uint256 tokenId) external view returns (string calldata);
}
