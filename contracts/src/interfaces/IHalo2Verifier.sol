// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Verifier of halo2 KZG proofs whose verifying key lives in a contract of its own
interface IHalo2Verifier {
    /// @notice Whether `proof` is valid for `instances` under the verifying key stored as the code of `vk`.
    /// @dev A false statement is `false`. A caller that pins `vk` must pin its code hash too.
    function verifyProof(address vk, bytes calldata proof, uint256[] calldata instances) external view returns (bool);
}
