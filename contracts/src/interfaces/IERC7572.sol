// SPDX-License-Identifier: CC0-1.0
pragma solidity 0.8.37;

/// @title ERC-7572 Contract-level metadata, https://eips.ethereum.org/EIPS/eip-7572
interface IERC7572 {
    event ContractURIUpdated();

    /// @notice Address of a JSON document about the contract.
    function contractURI() external view returns (string memory);
}
